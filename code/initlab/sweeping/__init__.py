"""What :mod:`initlab.sweep` stands on: grids, seeds, results, the file, the table, the engines."""
