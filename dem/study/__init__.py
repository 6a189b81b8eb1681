"""Studies: what many cases say together, as tables, curves with bands, findings in words and one page.

`dem.study.report.write_report` makes the page; `spec` is what an experiment states of its study. Nothing is imported
here, so that the configuration may take the spec without pandas.
"""
