"""Where records are kept: in memory, or in an SQL database. Each store implements the ports of `repositories`."""
