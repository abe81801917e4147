-- Requests for wrk, one a line of a file: "GET /path" or "POST /path BODY". Each thread begins elsewhere in it.
local requests, at = {}, 0

function setup(thread)
   offset = (offset or 0) + 7919
   thread:set("offset", offset)
end

function init(args)
   for line in io.lines(args[1]) do
      local method, path, body = line:match("^(%u+) (%S+) ?(.*)$")
      local headers = method == "POST" and {["Content-Type"] = "application/json"} or {}
      requests[#requests + 1] = wrk.format(method, path, headers, method == "POST" and body or nil)
   end
   at = offset
end

function request()
   at = at + 1
   return requests[at % #requests + 1]
end

-- One line of numbers for the program that started wrk: times in ms.
function done(summary, latency, count)
   local errors = summary.errors
   io.write(string.format("\nRESULT %d %d %.3f %.3f %.3f %d\n", summary.requests, summary.duration, latency:percentile(50) / 1000,
                          latency:percentile(99) / 1000, latency.max / 1000,
                          errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
