"""A web shop, its third parties and a few customers: what otel-provenance sees of them.

python -m demo     starts all of it, plays the customers, and tells the story with the CLI

shop/             the application: Flask, SQLAlchemy, requests, and not one line of otel-provenance
third_parties.py  who the shop sends data to: local stand-ins, each under its own host name
cast.py           the customers and what they do, over HTTP
stage.py         what runs: the shop and its third parties; processes.py starts and stops them
story.py          what the record says, command by command
check.py          what the record must say, and must not
"""
