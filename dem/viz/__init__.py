"""Pictures, films, figures and the viewer: the only room that speaks VTK and matplotlib. It reads runs through io.

Nothing is imported here, so that `import dem.viz` is free: take `dem.viz.render`, `dem.viz.view`, `dem.viz.figures`.
"""
