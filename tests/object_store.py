"""A store like S3 on loopback, for what is read from one and for parts that are put into one."""

import logging

import pytest


@pytest.fixture(scope="session")
def store(tmp_path_factory):
    """A store like S3 on loopback; gives a function that puts a file there."""
    pytest.importorskip("s3fs")
    server = pytest.importorskip("moto.server")
    boto3 = pytest.importorskip("boto3")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with pytest.MonkeyPatch.context() as patch:
        one = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        one.start()
        host, port = one.get_host_and_port()
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        client = boto3.client("s3")
        client.create_bucket(Bucket="feedback")
        yield lambda key, data: client.put_object(Bucket="feedback", Key=key, Body=data)
        one.stop()
