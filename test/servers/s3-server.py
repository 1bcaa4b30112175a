"""An S3 server in memory on 127.0.0.1: prints its port, and ends when its standard input does.

POST /trust makes its bucket private, as an account at AWS does: requests must be signed by a key of the account, and
a role is given to who shows an identity token of a trusted issuer, with the audience and a subject that the role asks for.
"""

import base64
import json
import logging
import sys
import threading
import time
import urllib.request
from fnmatch import fnmatchcase
from urllib.parse import parse_qs

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from moto import settings
from moto.backends import get_backend
from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.authorization import ActionAuthenticatorMixin
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

logging.getLogger("werkzeug").setLevel(logging.ERROR)
requests = []
trust = None


def make_private(asked):
    """A role that may read one bucket, or also write it, and a user whose key may do the same."""
    global trust
    iam = get_backend("iam")[DEFAULT_ACCOUNT_ID]["aws"]
    actions = ["s3:GetObject", "s3:ListBucket"] + (["s3:PutObject"] if asked.get("writes") else [])
    resources = [f"arn:aws:s3:::{asked['bucket']}", f"arn:aws:s3:::{asked['bucket']}/*"]
    policy = json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": resources}]}
    )
    trusting = json.dumps({"Version": "2012-10-17", "Statement": []})
    role = iam.create_role("reader", trusting, "/", None, "", [], 3600)
    iam.put_role_policy("reader", "read", policy)
    iam.create_user("us-east-1", "robot", "/", None)
    iam.put_user_policy("robot", "read", policy)
    key = iam.create_access_key("robot")
    trust = {**asked, "role": role.arn}
    settings.INITIAL_NO_AUTH_ACTION_COUNT = 0
    ActionAuthenticatorMixin.request_count = 0
    return {"role": role.arn, "key": key.access_key_id, "secret": key.secret_access_key}


def part(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def refusal(form):
    """Why AWS does not give the role: its code and its words; None when it does."""
    if trust is None or form.get("RoleArn") != trust["role"]:
        return "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity"
    try:
        header, claims, signature = form.get("WebIdentityToken", "").split(".")
        said, kid = json.loads(part(claims)), json.loads(part(header))["kid"]
        if said["iss"] != trust["issuer"]:
            return "InvalidIdentityToken", "No OpenIDConnect provider found in your account"
        with urllib.request.urlopen(f"{trust['issuer']}/.well-known/openid-configuration") as answer:
            place = json.load(answer)["jwks_uri"]
        with urllib.request.urlopen(place) as answer:
            jwk = next(key for key in json.load(answer)["keys"] if key["kid"] == kid)
        n, e = (int.from_bytes(part(jwk[name])) for name in ("n", "e"))
        key = rsa.RSAPublicNumbers(e, n).public_key()
        key.verify(part(signature), f"{header}.{claims}".encode(), padding.PKCS1v15(), SHA256())
    except (ValueError, KeyError, StopIteration, InvalidSignature):
        return "InvalidIdentityToken", "The ID Token provided is not a valid JWT"
    if not said["nbf"] <= time.time() < said["exp"]:
        return "ExpiredTokenException", "Token expired"
    if said["aud"] != trust["audience"]:
        return "InvalidIdentityToken", "Incorrect token audience"
    if not any(fnmatchcase(said["sub"], subject) for subject in trust["subjects"]):
        return "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity"
    return None


def guarded(app):
    def call(environ, start):
        def answer(status, kind, text):
            start(status, [("Content-Type", kind)])
            return [text.encode()]

        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        if path == "/requests":
            return answer("200 OK", "text/plain", "\n".join(requests))
        if path == "/trust":
            body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
            return answer("200 OK", "application/json", json.dumps(make_private(json.loads(body))))
        requests.append(f"{method} {path}")
        if trust is None:
            return app(environ, start)
        if method == "POST" and path == "/":
            body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
            form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
            if form.get("Action") != "AssumeRoleWithWebIdentity":
                return answer("403 Forbidden", "text/xml", error("AccessDenied", "only roles are given"))
            refused = refusal(form)
            requests.append(f"{form['Action']} {refused[0] if refused else 'given'}")
            if refused:
                return answer("400 Bad Request", "text/xml", error(*refused))
            given = get_backend("sts")[DEFAULT_ACCOUNT_ID]["aws"].assume_role_with_web_identity(
                region_name="us-east-1",
                role_session_name=form["RoleSessionName"],
                role_arn=form["RoleArn"],
                policy=None,
                duration=3600,
                external_id=None,
            )
            return answer("200 OK", "text/xml", credentials(given))
        if "HTTP_AUTHORIZATION" not in environ:
            return answer("403 Forbidden", "text/xml", error("AccessDenied", "Access Denied"))
        return app(environ, start)

    return call


def error(code, message):
    inner = f"<Code>{code}</Code><Message>{message}</Message>"
    return f"<ErrorResponse><Error><Type>Sender</Type>{inner}</Error><RequestId>0</RequestId></ErrorResponse>"


def credentials(given):
    expires = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
    keys = f"<AccessKeyId>{given.access_key_id}</AccessKeyId><SecretAccessKey>{given.secret_access_key}</SecretAccessKey>"
    inner = f"{keys}<SessionToken>{given.session_token}</SessionToken><Expiration>{expires}</Expiration>"
    result = f"<AssumeRoleWithWebIdentityResult><Credentials>{inner}</Credentials></AssumeRoleWithWebIdentityResult>"
    name = "AssumeRoleWithWebIdentityResponse"
    return f'<{name} xmlns="https://sts.amazonaws.com/doc/2011-06-15/">{result}</{name}>'


app = guarded(DomainDispatcherApplication(create_backend_app))
server = make_server("127.0.0.1", 0, app, threaded=True)
print(server.port, flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
server.shutdown()
