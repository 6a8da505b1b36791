"""The dashboard and the REST API: runs looked at in a browser or asked over HTTP."""
