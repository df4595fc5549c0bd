"""What schemathesis cannot know: a session of the provider's app, and what an OCSP request looks like."""

import os

import requests
import schemathesis
from hypothesis import strategies as st

# An OCSPRequest with an empty requestList, and whatever octets come.
OCSP = st.just(bytes.fromhex("300430023000")) | st.binary(max_size=3000)
schemathesis.openapi.media_type("application/ocsp-request", OCSP)

if "ENISHI_CUSTOMER" in os.environ:

    @schemathesis.auth()
    class Session:
        def get(self, case, context):
            answer = requests.post(
                os.environ["ENISHI_APP"] + "/app/login",
                json={
                    "customer": os.environ["ENISHI_CUSTOMER"],
                    "password": os.environ["ENISHI_PASSWORD"],
                },
                timeout=30,
            )
            answer.raise_for_status()
            return answer.json()["session"]

        def set(self, case, data, context):
            case.headers["Authorization"] = f"Bearer {data}"
