"""What the user typed, turned into one run and one exit code.

One module a command; each declares its options and calls the pipeline. Everything that touches the world outside
(environment, terminal, clock, files written) lives on this floor. Modules on the way to ``ossig --help`` import
neither the engine nor the report: commands import them when they run.
"""
