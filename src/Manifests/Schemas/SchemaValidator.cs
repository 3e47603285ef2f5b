using BitbucketOperator.Manifests.Documents;

namespace BitbucketOperator.Manifests.Schemas;

/// <summary>
/// Validates objects by the schema of a custom resource definition, and fills in its defaults, as the API server does for
/// a new object under kubectl's strict validation, in the same words.
/// <para>
/// A cluster alone can check: transition rules (those that name oldSelf), which compare with the object that is there;
/// fields that an update may not change; quotas, admission policies and webhooks, and rights; whether the namespace exists
/// and is not being deleted; whether the cluster has this version of the definition. Values of Secrets are checked by the
/// pass that uses them.
/// </para>
/// </summary>
internal sealed class SchemaValidator(Schema schema)
{
    /// <summary>
    /// Whether a cluster would accept a document. Problems are added, each with its place. The document is changed: nulls
    /// that stand for nothing go, defaults come.
    /// </summary>
    public bool Validate(MapNode document, List<Problem> problems)
    {
        var found = new List<Problem>();
        UnknownFields.Check(document, schema, found);

        // A new object's status is dropped, as the API server drops it: the operator alone writes it.
        document.Fields.Remove("status");
        SchemaDefaults.DropNulls(document, schema);
        SchemaDefaults.Fill(document, schema);
        Check(document, found);
        problems.AddRange(found);
        return !found.Exists(p => p.Severity == Severity.Error);
    }

    private void Check(MapNode document, List<Problem> problems)
    {
        var checks = new SchemaChecks(problems);
        checks.Check(document, schema, "");
        ListTypes.Check(document, schema, "", problems);
        if (checks.Blocks)
        {
            problems.Add(Problem.Warning(
                document.At, "",
                "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation"));
            return;
        }

        new RuleChecks(document, problems).Check(document, schema, "");
    }
}
