-- Sends prepared requests in turn, each with an idempotency key of its own.
-- Arguments after `--`: the file of requests, and 8 characters that no other run uses.

local KEY = string.rep("0", 32)
local requests = {}
local run
local sent = 0

function init(args)
   local file = assert(io.open(args[1], "rb"))
   for text in (file:read("*a") .. "\0"):gmatch("(%Z*)%z") do
      local from, to = text:find('"' .. KEY .. '"', 1, true)
      if from then
         requests[#requests + 1] = { text:sub(1, from), text:sub(to) }
      else
         requests[#requests + 1] = { text }
      end
   end
   file:close()
   run = args[2]
end

function request()
   sent = sent + 1
   local parts = requests[(sent - 1) % #requests + 1]
   if parts[2] then
      return parts[1] .. run .. string.format("%024d", sent) .. parts[2]
   end
   return parts[1]
end

function done(summary, latency)
   local errors = summary.errors
   io.write(string.format(
      'RESULT {"answers": %d, "refused": %d, "broken": %d, "seconds": %.6f, "p50_ms": %.4f, "p99_ms": %.4f}\n',
      summary.requests, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
      summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3
   ))
end
