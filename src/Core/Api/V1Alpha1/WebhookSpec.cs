namespace BitbucketOperator.Core.Api.V1Alpha1;

/// <summary>A webhook that every selected repository must have.</summary>
[ValidationRule(
    "!(has(self.secretRef) && has(self.generateSecret) && self.generateSecret)",
    "set secretRef or generateSecret, not both",
    FieldPath = ".generateSecret")]
public sealed class WebhookSpec
{
    /// <summary>Name within this connection; part of the webhook's name in Bitbucket. A renamed entry is a new webhook.</summary>
    [Required]
    [Length(1, 63)]
    [Pattern("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")]
    public string Name { get; set; } = "";

    /// <summary>Where Bitbucket delivers to, such as https://ci.example.com/hooks/bitbucket.</summary>
    [Required]
    [Length(1, 2000)]
    [ValidationRule(
        "isURL(self) && url(self).getScheme() in ['http', 'https'] && url(self).getHost() != ''",
        "webhooks[].url must be an absolute http or https URL, such as https://ci.example.com/hooks/bitbucket")]
    [ValidationRule("!self.endsWith(' ')", "webhooks[].url ends with a space: remove it")]
    public string Url { get; set; } = "";

    /// <summary>
    /// Event keys in the flavour's own words. Data Center: repo:refs_changed, pr:opened and so on. Cloud: repo:push,
    /// pullrequest:created and so on. Absent or empty: pushes and pull requests (opened, updated, merged, declined; on Data
    /// Center deleted too).
    /// </summary>
    [Items(0, 50)]
    [Length(1, 64)]
    [Pattern("^[a-z]+(:[a-z_]+)+$")]
    [ListType]
    public List<string> Events { get; set; } = [];

    /// <summary>The Secret with which Bitbucket signs deliveries (HMAC-SHA256 in X-Hub-Signature). Absent: deliveries are not signed.</summary>
    public SecretKeyReference? SecretRef { get; set; }

    /// <summary>
    /// True has the operator make the secret and keep it under the key secret of the Secret that status.webhooks.secrets
    /// names, which goes with this resource. A Secret of that name that is there already is used as it is: write another
    /// value into it, or delete it, to rotate the secret.
    /// </summary>
    public bool GenerateSecret { get; set; }

    /// <summary>
    /// Where the webhook is kept: on each Repository, on the Project (Data Center), on the Workspace (Cloud), or Auto: as
    /// high as the rules of discovery and the credential allow.
    /// </summary>
    public WebhookLevel Level { get; set; } = WebhookLevel.Auto;

    /// <summary>False has Bitbucket deliver without checking the receiver's certificate.</summary>
    public bool SslVerification { get; set; } = true;

    /// <summary>False keeps the webhook in place but switched off.</summary>
    public bool Active { get; set; } = true;

    /// <summary>
    /// True has Data Center send a test (X-Event-Key: diagnostics:ping, not signed) to the receiver after the webhook was
    /// created or changed; a test that fails is reported like a failing delivery, and repeated until it is answered. Bitbucket
    /// Cloud has no such test: there it does nothing.
    /// </summary>
    public bool TestPing { get; set; }
}

/// <summary>A key of a Secret in the resource's own namespace.</summary>
public sealed class SecretKeyReference
{
    /// <summary>Name of the Secret.</summary>
    [Required]
    [Length(1, 253)]
    public string Name { get; set; } = "";

    /// <summary>Key in the Secret.</summary>
    [Length(1, 253)]
    public string Key { get; set; } = "secret";
}
