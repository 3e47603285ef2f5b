using k8s;
using k8s.Models;

namespace BitbucketOperator.Runtime.Events;

/// <summary>The two types Kubernetes knows.</summary>
public enum EventType
{
    /// <summary>Something went as it should.</summary>
    Normal,

    /// <summary>Someone may have to act.</summary>
    Warning,
}

/// <summary>
/// Reports an event about an object, shown by <c>kubectl describe</c>. Returns at once: events are written in the
/// background, repeated ones counted instead of written again, more than 25 at once and one per five minutes for one
/// object dropped, messages cut at 1,024 bytes. What is dropped or cannot be written is logged and counted, never thrown.
/// </summary>
/// <param name="entity">The object; its apiVersion and kind must be set.</param>
/// <param name="reason">One word in upper camel case.</param>
/// <param name="message">A sentence for people.</param>
/// <param name="type">Default Normal.</param>
/// <param name="cancellationToken">Not used; part of KubeOps' signature.</param>
public delegate Task EventPublisher(
    IKubernetesObject<V1ObjectMeta> entity,
    string reason,
    string message,
    EventType type = EventType.Normal,
    CancellationToken cancellationToken = default);
