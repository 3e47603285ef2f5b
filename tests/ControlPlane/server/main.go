// Command controlplane is a single-binary Kubernetes API server for testing
// controllers. It serves custom resource definitions with the real
// apiextensions machinery, a handful of built-in kinds as plain storage, static
// bearer tokens and RBAC. There is no scheduler, kubelet or workload
// controller: a Deployment is stored and nothing else happens.
package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/pflag"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apiextensionsserver "k8s.io/apiextensions-apiserver/pkg/apiserver"
	extensionsoptions "k8s.io/apiextensions-apiserver/pkg/cmd/server/options"
	extensionsopenapi "k8s.io/apiextensions-apiserver/pkg/generated/openapi"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apiserver/pkg/admission/plugin/namespace/lifecycle"
	"k8s.io/apiserver/pkg/authentication/group"
	"k8s.io/apiserver/pkg/authentication/request/anonymous"
	"k8s.io/apiserver/pkg/authentication/request/bearertoken"
	authnunion "k8s.io/apiserver/pkg/authentication/request/union"
	openapinamer "k8s.io/apiserver/pkg/endpoints/openapi"
	genericapiserver "k8s.io/apiserver/pkg/server"
	genericoptions "k8s.io/apiserver/pkg/server/options"
	"k8s.io/apiserver/pkg/storage/storagebackend"
	"k8s.io/apiserver/pkg/util/compatibility"
	"k8s.io/apiserver/pkg/util/webhook"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/klog/v2"
	openapicommon "k8s.io/kube-openapi/pkg/common"

	builtinopenapi "controlplane/openapi"
)

type options struct {
	dataDir     string
	bindAddress string
	port        int
	etcdServers []string
	tokenFile   string
	gcInterval  time.Duration
}

func main() {
	var o options
	fs := pflag.CommandLine
	fs.StringVar(&o.dataDir, "data-dir", "controlplane-data", "directory for the serving certificate and the tokens issued to service accounts")
	fs.StringVar(&o.bindAddress, "bind-address", "127.0.0.1", "IP address to listen on")
	fs.IntVar(&o.port, "secure-port", 6443, "HTTPS port")
	fs.StringSliceVar(&o.etcdServers, "etcd-servers", []string{"http://127.0.0.1:2379"}, "etcd client URLs")
	fs.StringVar(&o.tokenFile, "token-auth-file", "", `CSV file of static tokens: token,user,uid[,"group1,group2"]`)
	fs.DurationVar(&o.gcInterval, "gc-interval", time.Second, "pause between garbage collections; 0 disables them")
	klog.InitFlags(nil)
	fs.AddGoFlag(flag.Lookup("v"))
	pflag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "controlplane:", err)
		os.Exit(1)
	}
}

// run assembles the server and serves until ctx ends.
//
// One generic API server carries everything: the apiextensions server brings it
// up with the CRD API and the custom resource handler, then the built-in groups
// are installed next to them. Chaining a second server in front, as
// kube-apiserver does, would need its aggregator to merge discovery and OpenAPI.
func run(ctx context.Context, o options) error {
	tokens, err := loadTokens(o.tokenFile, filepath.Join(o.dataDir, "issued-tokens.csv"))
	if err != nil {
		return err
	}
	config := genericapiserver.NewRecommendedConfig(codecs)
	config.EffectiveVersion = compatibility.DefaultBuildEffectiveVersion()
	config.BuildHandlerChainFunc = func(apiHandler http.Handler, c *genericapiserver.Config) http.Handler {
		return trimSlash(genericapiserver.DefaultBuildHandlerChain(apiHandler, c))
	}
	config.MergedResourceConfig = apiextensionsserver.DefaultAPIResourceConfigSource()
	applyOpenAPI(config)
	if err := applyServing(config, o); err != nil {
		return err
	}
	// The CRD API has a codec of its own, and so have custom resources.
	etcd := etcdOptions(o, apiextensionsserver.Codecs.LegacyCodec(apiextensionsv1.SchemeGroupVersion))
	if err := etcd.ApplyTo(&config.Config); err != nil {
		return err
	}
	if err := applyAccessControl(config, tokens); err != nil {
		return err
	}

	extensions := apiextensionsserver.Config{
		GenericConfig: config,
		ExtraConfig: apiextensionsserver.ExtraConfig{
			CRDRESTOptionsGetter: extensionsoptions.NewCRDRESTOptionsGetter(*etcd, nil, config.StorageObjectCountTracker),
			MasterCount:          1,
			// Conversion webhooks are not supported, so there is no authentication to look up.
			AuthResolverWrapper: func(r webhook.AuthenticationInfoResolver) webhook.AuthenticationInfoResolver { return r },
		},
	}
	crds, err := extensions.Complete().New(genericapiserver.NewEmptyDelegate())
	if err != nil {
		return err
	}
	server := crds.GenericAPIServer
	// Open watches would hold a stop up for a minute.
	server.ShutdownTimeout = time.Second
	builtins := etcdOptions(o, codecs.LegacyCodec(storageVersions()...))
	builtins.StorageConfig.StorageObjectCountTracker = config.StorageObjectCountTracker
	getter := builtins.CreateRESTOptionsGetter(&genericoptions.SimpleStorageFactory{StorageConfig: builtins.StorageConfig}, nil)
	if err := installBuiltins(server, getter, tokens); err != nil {
		return err
	}
	installDiscovery(server, crds.Informers.Apiextensions().V1().CustomResourceDefinitions())
	server.AddPostStartHookOrDie("bootstrap-objects", func(hook genericapiserver.PostStartHookContext) error {
		return createBootstrapObjects(hook, hook.LoopbackClientConfig)
	})
	if o.gcInterval > 0 {
		server.AddPostStartHookOrDie("start-garbage-collector", func(hook genericapiserver.PostStartHookContext) error {
			return startGarbageCollector(hook, hook.LoopbackClientConfig, o.gcInterval)
		})
	}

	return server.PrepareRun().RunWithContext(ctx)
}

// trimSlash makes "/version/", which the C# client asks for, the same as
// "/version". Debian's go-restful is older than the one the apiserver library
// is made for and tells the two apart.
func trimSlash(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if path := strings.TrimRight(r.URL.Path, "/"); strings.HasPrefix(path, "/api") || path == "/version" {
			r.URL.Path = path
		}
		next.ServeHTTP(w, r)
	})
}

// applyServing opens the listener and makes, or reuses, the self-signed
// certificate in the data directory.
func applyServing(config *genericapiserver.RecommendedConfig, o options) error {
	address := net.ParseIP(o.bindAddress)
	if address == nil {
		return fmt.Errorf("--bind-address %q is not an IP address", o.bindAddress)
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(o.bindAddress, strconv.Itoa(o.port)))
	if err != nil {
		return err
	}
	serving := genericoptions.NewSecureServingOptions()
	serving.BindAddress, serving.Listener = address, listener
	serving.ServerCert.CertDirectory, serving.ServerCert.PairName = o.dataDir, "apiserver"
	if err := serving.MaybeDefaultWithSelfSignedCerts("localhost", nil, []net.IP{net.IPv4(127, 0, 0, 1)}); err != nil {
		return err
	}
	config.PublicAddress = address
	return serving.WithLoopback().ApplyToConfig(&config.Config)
}

func etcdOptions(o options, codec runtime.Codec) *genericoptions.EtcdOptions {
	backend := storagebackend.NewDefaultConfig("/registry", codec)
	backend.Transport.ServerList = o.etcdServers
	return genericoptions.NewEtcdOptions(backend)
}

// applyOpenAPI publishes the schemas of the CRD API, which the apiextensions
// module ships, and of the built-in kinds, which build.sh generates.
func applyOpenAPI(config *genericapiserver.RecommendedConfig) {
	definitions := func(ref openapicommon.ReferenceCallback) map[string]openapicommon.OpenAPIDefinition {
		all := extensionsopenapi.GetOpenAPIDefinitions(ref)
		for name, definition := range builtinopenapi.GetOpenAPIDefinitions(ref) {
			all[name] = definition
		}
		return all
	}
	// client-go's scheme names each type once; ours also lists it as its own internal version.
	namer := openapinamer.NewDefinitionNamer(apiextensionsserver.Scheme, clientgoscheme.Scheme)
	config.OpenAPIConfig = genericapiserver.DefaultOpenAPIConfig(definitions, namer)
	config.OpenAPIConfig.Info.Title = "controlplane"
	config.OpenAPIV3Config = genericapiserver.DefaultOpenAPIV3Config(definitions, namer)
	config.OpenAPIV3Config.Info.Title = "controlplane"
}

// applyAccessControl sets authentication, authorization and the one admission
// plugin, which keeps objects out of missing and terminating namespaces.
func applyAccessControl(config *genericapiserver.RecommendedConfig, tokens *tokenStore) error {
	client, err := kubernetes.NewForConfig(config.LoopbackClientConfig)
	if err != nil {
		return err
	}
	config.ClientConfig = config.LoopbackClientConfig
	config.SharedInformerFactory = informers.NewSharedInformerFactory(client, 0)

	config.Authentication.Authenticator = authnunion.NewFailOnError(
		group.NewAuthenticatedGroupAdder(bearertoken.New(tokens)),
		anonymous.NewAuthenticator(nil),
	)
	config.Authorization.Authorizer, err = newAuthorizer(config.SharedInformerFactory)
	if err != nil {
		return err
	}

	namespaces, err := lifecycle.NewLifecycle(sets.New("default", "kube-system"))
	if err != nil {
		return err
	}
	namespaces.SetExternalKubeClientSet(client)
	namespaces.SetExternalKubeInformerFactory(config.SharedInformerFactory)
	config.AdmissionControl = namespaces
	return nil
}
