"""The engines, a file each; torch only in those that name it."""
