"""The verbs of IO that monitors share: exchanges over TCP, echoes, programs, names."""
