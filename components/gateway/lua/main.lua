-- What Envoy's Lua filter loads: the two hooks that it calls by name.
local guard = require("guard")
envoy_on_request, envoy_on_response = guard.on_request, guard.on_response
