"""What it costs, as ratios measured in one run: never an absolute time, never in a test.

python -m benchmarks            all of them
python -m benchmarks.server     CPU per request of a gunicorn worker, beside bare and plain OpenTelemetry

measure.py  clocks, rounds and tables that the benchmarks share
app.py      the application that is measured; peer.py is who it calls
profile.py  where the time of one workload goes
"""
