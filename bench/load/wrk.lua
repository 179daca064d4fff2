-- Sends requests that were written to a file, and prints one line of JSON.
-- Arguments: the file, "once" or "again" (whether a request may be sent a second time), the status to expect.

local ffi = require("ffi")
ffi.cdef [[
  struct moment { long seconds; long microseconds; };
  int gettimeofday(struct moment *now, void *zone);
]]

local threads = {}

-- wrk itself measures until its time is over, even where the requests have come to their end before.
local function now()
  local moment = ffi.new("struct moment")
  ffi.C.gettimeofday(moment, nil)
  return tonumber(moment.seconds) + tonumber(moment.microseconds) / 1e6
end

function setup(thread)
  table.insert(threads, thread)
end

function init(arguments)
  requests = {}
  next_one = 0
  unexpected = 0
  unexpected_status = 0
  local file = assert(io.open(arguments[1], "rb"))
  for length in function() return file:read("*n") end do
    file:read(1)
    table.insert(requests, file:read(length))
  end
  file:close()
  is_once = arguments[2] == "once"
  expected = tonumber(arguments[3])
end

function request()
  began = began or now()
  next_one = next_one + 1
  if next_one > #requests then
    if is_once and not ended then
      ended = now()
      wrk.thread:stop()
    end
    next_one = 1
  end
  return requests[next_one]
end

function response(status)
  if status ~= expected then
    unexpected = unexpected + 1
    unexpected_status = status
  end
end

function done(summary, latency)
  local thread = threads[1]
  local errors = summary.errors
  local ended = thread:get("ended")
  local seconds = ended and ended - thread:get("began") or summary.duration / 1e6
  print(string.format(
    '{"answers":%d,"seconds":%.6f,"p50":%.3f,"p99":%.3f,"broken":%d,"unexpected":%d,"status":%d}',
    summary.requests, seconds, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.connect + errors.read + errors.write + errors.timeout, thread:get("unexpected"), thread:get("unexpected_status")
  ))
end
