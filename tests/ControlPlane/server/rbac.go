package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apiserver/pkg/authentication/serviceaccount"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/apiserver/pkg/authorization/authorizerfactory"
	"k8s.io/apiserver/pkg/authorization/path"
	authzunion "k8s.io/apiserver/pkg/authorization/union"
	"k8s.io/client-go/informers"
	rbaclisters "k8s.io/client-go/listers/rbac/v1"
)

// newAuthorizer lets administrators do everything and everyone see health and
// version; the rest is up to the stored RBAC objects.
func newAuthorizer(factory informers.SharedInformerFactory) (authorizer.Authorizer, error) {
	public, err := path.NewAuthorizer([]string{"/healthz*", "/livez*", "/readyz*", "/version"})
	if err != nil {
		return nil, err
	}
	informer := factory.Rbac().V1()
	return authzunion.New(authorizerfactory.NewPrivilegedGroups(user.SystemPrivilegedGroup), public, &rbacAuthorizer{
		roles:               informer.Roles().Lister(),
		roleBindings:        informer.RoleBindings().Lister(),
		clusterRoles:        informer.ClusterRoles().Lister(),
		clusterRoleBindings: informer.ClusterRoleBindings().Lister(),
	}), nil
}

// rbacAuthorizer evaluates the stored roles and bindings. Aggregated cluster
// roles are not composed, and nothing stops a user from granting more than he has.
type rbacAuthorizer struct {
	roles               rbaclisters.RoleLister
	roleBindings        rbaclisters.RoleBindingLister
	clusterRoles        rbaclisters.ClusterRoleLister
	clusterRoleBindings rbaclisters.ClusterRoleBindingLister
}

func (r *rbacAuthorizer) Authorize(_ context.Context, a authorizer.Attributes) (authorizer.Decision, string, error) {
	clusterBindings, err := r.clusterRoleBindings.List(labels.Everything())
	if err != nil {
		return authorizer.DecisionNoOpinion, "", err
	}
	for _, b := range clusterBindings {
		if bound(b.Subjects, "", a.GetUser()) && r.allows(b.RoleRef, "", a) {
			return authorizer.DecisionAllow, fmt.Sprintf("RBAC: allowed by ClusterRoleBinding %q", b.Name), nil
		}
	}
	if a.GetNamespace() == "" {
		return authorizer.DecisionNoOpinion, "", nil
	}
	bindings, err := r.roleBindings.RoleBindings(a.GetNamespace()).List(labels.Everything())
	if err != nil {
		return authorizer.DecisionNoOpinion, "", err
	}
	for _, b := range bindings {
		if bound(b.Subjects, b.Namespace, a.GetUser()) && r.allows(b.RoleRef, b.Namespace, a) {
			return authorizer.DecisionAllow, fmt.Sprintf("RBAC: allowed by RoleBinding %q", b.Name), nil
		}
	}
	return authorizer.DecisionNoOpinion, "", nil
}

// bound reports whether a binding in the given namespace names the user.
func bound(subjects []rbacv1.Subject, namespace string, u user.Info) bool {
	return slices.ContainsFunc(subjects, func(s rbacv1.Subject) bool {
		switch s.Kind {
		case rbacv1.UserKind:
			return s.Name == u.GetName()
		case rbacv1.GroupKind:
			return slices.Contains(u.GetGroups(), s.Name)
		case rbacv1.ServiceAccountKind:
			if s.Namespace != "" {
				namespace = s.Namespace
			}
			return serviceaccount.MatchesUsername(namespace, s.Name, u.GetName())
		}
		return false
	})
}

// allows reports whether a rule of the role grants the request. A role that
// does not exist grants nothing.
func (r *rbacAuthorizer) allows(ref rbacv1.RoleRef, namespace string, a authorizer.Attributes) bool {
	var rules []rbacv1.PolicyRule
	if ref.Kind == "ClusterRole" {
		if role, err := r.clusterRoles.Get(ref.Name); err == nil {
			rules = role.Rules
		}
	} else if role, err := r.roles.Roles(namespace).Get(ref.Name); err == nil {
		rules = role.Rules
	}
	return slices.ContainsFunc(rules, func(rule rbacv1.PolicyRule) bool { return ruleAllows(rule, a) })
}

func ruleAllows(rule rbacv1.PolicyRule, a authorizer.Attributes) bool {
	anyOr := func(list []string, value string) bool {
		return slices.Contains(list, "*") || slices.Contains(list, value)
	}
	if !anyOr(rule.Verbs, a.GetVerb()) {
		return false
	}
	if !a.IsResourceRequest() {
		return slices.ContainsFunc(rule.NonResourceURLs, func(url string) bool {
			prefix, wildcard := strings.CutSuffix(url, "*")
			return url == a.GetPath() || wildcard && strings.HasPrefix(a.GetPath(), prefix)
		})
	}
	resource := a.GetResource()
	if sub := a.GetSubresource(); sub != "" {
		if slices.Contains(rule.Resources, "*/"+sub) {
			resource = "*/" + sub
		} else {
			resource += "/" + sub
		}
	}
	return anyOr(rule.APIGroups, a.GetAPIGroup()) && anyOr(rule.Resources, resource) &&
		(len(rule.ResourceNames) == 0 || slices.Contains(rule.ResourceNames, a.GetName()))
}
