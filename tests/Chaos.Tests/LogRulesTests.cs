using BitbucketOperator.Chaos.Rules;

namespace BitbucketOperator.Chaos.Tests;

public sealed class LogRulesTests
{
    [Theory]
    [InlineData("""{"@m":"Reconciling ended in a defect","@l":"Error","EventId":{"Id":26,"Name":"ReconcilePanicked"}}""")]
    [InlineData("""{"@m":"watch ended: the process must end","@l":"Fatal","EventId":{"Id":53,"Name":"PartEnded"}}""")]
    [InlineData("""{"@m":"Reconciling failed: InternalError","@l":"Warning"}""")]
    [InlineData("Unhandled exception. System.InvalidOperationException: no")]
    public void Defect_IsTold(string line) => LogRules.OfLines([line]).ShouldHaveSingleItem().ShouldContain(line);

    [Theory]
    [InlineData("""{"@m":"Reconciled"}""")]
    [InlineData("""{"@m":"Another wri""")]
    [InlineData("""{"@m":"Condition Ready cannot be set","@l":"Error","EventId":{"Id":90,"Name":"FailureNotReported"}}""")]
    [InlineData("""{"@m":"The lease was not renewed: 500 InternalError: out of order","@l":"Warning"}""")]
    public void WhatTroubleBrings_IsNot(string line) => LogRules.OfLines([line]).ShouldBeEmpty();
}
