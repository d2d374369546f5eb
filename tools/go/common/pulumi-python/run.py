"""Runs a Pulumi program with the settings of the environment variable; see run.go."""

import asyncio
import json
import os
import runpy
import sys
import traceback

import pulumi
import pulumi.runtime

ALREADY_REPORTED = 32

settings = json.loads(os.environ.pop("OLLAMA_PLATFORM_PYTHON_RUN"))
program = settings.pop("program")
pulumi.runtime.set_all_config(settings.pop("config") or {}, settings.pop("secret_keys") or [])
pulumi.runtime.configure(pulumi.runtime.Settings(**settings))
sys.path.insert(0, os.getcwd())


def run() -> None:
    """The program: a file, or a folder with `__main__.py`."""
    runpy.run_path(program, run_name="__main__")


loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
try:
    loop.run_until_complete(pulumi.runtime.run_in_stack(run))
except pulumi.RunError as error:
    pulumi.log.error(str(error))
    sys.exit(ALREADY_REPORTED)
except Exception:
    pulumi.log.error(f"Program failed with an unhandled exception:\n{traceback.format_exc()}")
    sys.exit(ALREADY_REPORTED)
