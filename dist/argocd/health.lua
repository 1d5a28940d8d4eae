-- Where an object of the SageMaker operator stands, told by its conditions. The script is the same for all eight kinds.
-- Argo CD gives it no libraries but the base and `table`, and itself says Progressing of what is being deleted.
local status = obj.status or {}
if status.observedGeneration ~= obj.metadata.generation then
  return { status = "Progressing", message = "Waiting for the operator to take up what the spec says" }
end

local conditions = {}
for _, condition in ipairs(status.conditions or {}) do
  conditions[condition.type] = condition
end

-- The condition's message if it is as asked.
local function message_if(kind, as)
  local condition = conditions[kind]
  if condition ~= nil and condition.status == as then
    return condition.message or condition.reason or kind
  end
end

-- What is being worked on may still come out otherwise than it stood before, so that this is asked first.
local message = message_if("Reconciling", "True")
if message ~= nil then
  return { status = "Progressing", message = message }
end
message = message_if("Failed", "True") or message_if("Stalled", "True")
if message ~= nil then
  return { status = "Degraded", message = message }
end
message = message_if("Complete", "True")
if message ~= nil then
  return { status = "Healthy", message = message }
end
message = message_if("Ready", "True")
if message ~= nil then
  for _, suspended in pairs(obj.spec.suspendedState or {}) do
    if suspended then
      return { status = "Suspended", message = "Scaling is suspended, at least in part, by spec.suspendedState" }
    end
  end
  return { status = "Healthy", message = message }
end

-- A job that runs. As with Kubernetes' own Jobs, what comes after it in a sync waits for its end.
message = message_if("Complete", "False") or message_if("Ready", "False")
return { status = "Progressing", message = message or "Waiting for the operator" }
