-- The closed-loop load: POST /orders with the tokens and bodies of the data files in rotation and a
-- new trace id for every request. Prints one line `RESULT {json}` at the end.
-- wrk -t1 -c64 -d5s -s load.lua http://host:port -- tokens.txt bodies.txt
local requests = {}
local next_request = 0
local trace = 0

local function lines_of(path)
  local lines = {}
  for line in io.lines(path) do lines[#lines + 1] = line end
  return lines
end

function init(args)
  local tokens = lines_of(args[1])
  local bodies = lines_of(args[2])
  math.randomseed(os.time())
  trace = math.random(1, 1000000) * 4294967296
  for index, token in ipairs(tokens) do
    local body = bodies[(index - 1) % #bodies + 1]
    requests[index] = {
      "POST /orders HTTP/1.1\r\nhost: " .. wrk.host .. ":" .. wrk.port ..
        "\r\ncontent-type: application/json\r\nauthorization: Bearer " .. token ..
        "\r\ncontent-length: " .. #body .. "\r\ntraceparent: 00-",
      "\r\n\r\n" .. body,
    }
  end
end

function request()
  next_request = next_request % #requests + 1
  trace = trace + 1
  local parts = requests[next_request]
  return parts[1] .. string.format("4bf92f3577b34da6%016x-%016x-01", trace, trace) .. parts[2]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"requests":%d,"durationUs":%d,"p50Us":%d,"p99Us":%d,"maxUs":%d,"errors":%d,"refused":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), latency.max,
    errors.connect + errors.read + errors.write + errors.timeout, errors.status))
end
