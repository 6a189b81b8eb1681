"""What others measured or simulated: CSV files, their sources in their first lines."""
