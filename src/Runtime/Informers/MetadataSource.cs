using BitbucketOperator.Runtime.Client;
using BitbucketOperator.Runtime.Model;

namespace BitbucketOperator.Runtime.Informers;

/// <summary>Watches that ask for metadata only.</summary>
internal static class MetadataSource
{
    private const string WatchAccept = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
    private const string ListAccept = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

    /// <summary>The metadata of a collection.</summary>
    public static ReflectorSource<PartialObject> Of(string group, string version, string plural, string? scope, string? labelSelector) => new(
        plural,
        ResourcePath.Collection(group, version, scope, plural),
        scope,
        labelSelector,
        ListAccept,
        WatchAccept,
        RuntimeJson.Default.PartialObject,
        item => item.Metadata ?? new PartialMetadata());
}
