namespace BitbucketOperator.ControlPlane.Tests;

public sealed class ClusterChoiceTests
{
    [Theory]
    [InlineData(true, true, true, ClusterKind.K3d)]
    [InlineData(true, false, true, ClusterKind.Envtest)]
    [InlineData(false, true, true, ClusterKind.Envtest)]
    [InlineData(true, false, false, ClusterKind.Development)]
    [InlineData(false, false, false, ClusterKind.Development)]
    public void NothingAskedFor_TakesTheFirstThatTheMachineHas(bool k3d, bool docker, bool assets, ClusterKind expected)
    {
        var around = new ClusterSurroundings(K3dOnPath: k3d, DockerAnswers: docker, Assets: "/assets", AssetsComplete: assets);

        ClusterChoice.Of(around).Kind.ShouldBe(expected);
    }

    [Fact]
    public void AKubeconfigAlone_IsNotTaken_BecauseItMayBeProduction() =>
        ClusterChoice.Of(new ClusterSurroundings(Kubeconfig: "/home/me/.kube/config")).Kind.ShouldBe(ClusterKind.Development);

    [Fact]
    public void NothingThere_SaysWhatWasMissing()
    {
        var choice = ClusterChoice.Of(new ClusterSurroundings(Assets: "/assets"));

        choice.Reason.ShouldBe("k3d is not on PATH, /assets lacks kube-apiserver or etcd");
    }

    [Theory]
    [InlineData("current", ClusterKind.Current)]
    [InlineData("k3d", ClusterKind.K3d)]
    [InlineData("envtest", ClusterKind.Envtest)]
    [InlineData("development", ClusterKind.Development)]
    public void AskedFor_IsTaken(string asked, ClusterKind expected)
    {
        var everything = new ClusterSurroundings(asked, "/kubeconfig", K3dOnPath: true, DockerAnswers: true, Assets: "/assets", AssetsComplete: true);

        ClusterChoice.Of(everything).Kind.ShouldBe(expected);
    }

    [Theory]
    [InlineData("current", "KUBECONFIG")]
    [InlineData("k3d", "k3d on PATH")]
    [InlineData("envtest", "KUBEBUILDER_ASSETS")]
    [InlineData("minikube", "CLUSTER=minikube is unknown")]
    public void AskedForButNotThere_FailsAndSaysWhatIsNeeded(string asked, string told)
    {
        var error = Should.Throw<ClusterException>(() => ClusterChoice.Of(new ClusterSurroundings(asked)));

        error.Message.ShouldContain(told);
    }
}
