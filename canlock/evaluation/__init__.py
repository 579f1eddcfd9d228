"""Scores the engine against the simulator.

`sessions` lets somebody use a simulated car and asks the engine; `runs` does so many times over;
`scores`, `calibration` and `confusion` count what came out; `summary` puts it together; `text`,
`json_form` and `html_page` write it down.
"""
