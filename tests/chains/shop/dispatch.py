"""The shop's nightly script, which knows no web framework: a parcel for each user named, told to the carrier."""

from __future__ import annotations

import os
import sys

import requests
from models import Parcel, User, engine
from sqlalchemy.orm import Session

for number in sys.argv[1:]:
    with Session(engine) as session:
        parcel = Parcel(destination=session.get_one(User, int(number)).address)
        session.add(parcel)
        session.commit()
        requests.post(os.environ["CARRIER"], json={"parcel": {"to": parcel.destination}}, timeout=10)
