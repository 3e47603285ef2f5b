using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Mapping;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Core.Validation;

namespace BitbucketOperator.Core.Tests;

/// <summary>What people write into annotations is bounded, and copied nowhere beyond that.</summary>
public sealed class AnnotationTests
{
    private static readonly string Long = new('x', 200_000);

    public static TheoryData<string> All =>
        [Annotations.OwnerId, Annotations.ConfirmInventory, Annotations.RequestedAt, Annotations.FluxRequestedAt, Annotations.AbandonWebhooks];

    [Theory]
    [MemberData(nameof(All))]
    public void OverlongAnnotation_IsRefusedByNameAndNotCopied(string name)
    {
        var connection = With(name, Long).ToModel();

        var fault = AnnotationRules.Refusal(connection)!;
        (fault.Reason, fault.Message).ShouldBe((Reasons.AnnotationTooLong, $"Annotation {name} is longer than 256 characters. Shorten or remove it"));
        foreach (var value in (string?[])[connection.OwnerId, connection.ConfirmedListing, connection.RequestedAt])
        {
            (value?.Length ?? 0).ShouldBe(0);
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void AnnotationWithinBounds_IsTaken(string name) => AnnotationRules.Refusal(With(name, new string('x', 256)).ToModel()).ShouldBeNull();

    // The id decides whose the webhooks are: none in place of one that is too long would be another.
    [Fact]
    public void OverlongOwnerId_IsNoOwnerIdForCleanUpEither()
    {
        var resource = With(Annotations.OwnerId, Long);

        OwnerRules.Refusal(resource.ToModel(), ListedOwners.None)!.Reason.ShouldBe(Reasons.InvalidOwnerId);
        ConnectionMapping.Annotation(resource, Annotations.OwnerId).ShouldBe("");
    }

    [Fact]
    public void WhatAnEarlierVersionCopied_IsForgotten()
    {
        var resource = With(Annotations.RequestedAt, "now");
        resource.Status = new BitbucketConnectionStatus
        {
            LastHandledReconcileAt = Long,
            Bookkeeping = new BookkeepingStatus { Baseline = new BaselineStatus { Repositories = 3, Confirmed = Long } },
        };

        var known = resource.ToModel().Known;

        (known.HandledRequest, known.Baseline.Confirmed, known.Baseline.Repositories).ShouldBe((null, null, 3));
    }

    private static BitbucketConnection With(string name, string value) => new()
    {
        Metadata = new k8s.Models.V1ObjectMeta
        {
            Name = "platform", NamespaceProperty = "ci", Annotations = new Dictionary<string, string>(StringComparer.Ordinal) { [name] = value },
        },
        Spec = new BitbucketConnectionSpec { Url = "https://bitbucket.example.com" },
    };
}
