-- Health of a BitbucketConnection for Argo CD: the text for resource.customizations.health in argocd-cm.
-- Uses no library, as Argo CD offers none to health checks by default.

-- The condition of a type, or nil.
local function condition(type)
  for _, c in ipairs((obj.status or {}).conditions or {}) do
    if c.type == type then return c end
  end
end

local function health(status, message)
  return { status = status, message = message }
end

local ready = condition("Ready")

if obj.metadata.deletionTimestamp ~= nil then
  if ready ~= nil and ready.reason == "CleanupBlocked" then
    return health("Degraded", ready.message)
  end
  return health("Progressing", "being deleted: the operator removes its webhooks first")
end

if obj.spec ~= nil and obj.spec.suspend == true then
  return health("Suspended", "spec.suspend is true: nothing is read or written")
end

if ready == nil then
  return health("Progressing", "waiting for the operator: there is no status yet")
end

if obj.metadata.generation ~= nil and obj.status.observedGeneration ~= obj.metadata.generation then
  return health("Progressing", "waiting for the operator: the status is of an earlier spec")
end

local stalled = condition("Stalled")
if stalled ~= nil and stalled.status == "True" then
  return health("Degraded", ready.message)
end

-- The operator tries again in its own time, which may be long: people should see that something is wrong until then.
if ready.status == "False" then
  return health("Degraded", ready.message)
end

local reconciling = condition("Reconciling")
if ready.status ~= "True" or (reconciling ~= nil and reconciling.status == "True") then
  return health("Progressing", ready.message)
end

return health("Healthy", ready.message)
