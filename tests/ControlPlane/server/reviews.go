package main

import (
	"context"
	"strings"

	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
)

// accessReviewREST answers "may I?" and "may he?", as kubectl auth can-i asks.
type accessReviewREST struct {
	authorizer authorizer.Authorizer
	self       bool
}

func (r *accessReviewREST) New() runtime.Object {
	if r.self {
		return &authorizationv1.SelfSubjectAccessReview{}
	}
	return &authorizationv1.SubjectAccessReview{}
}

func (r *accessReviewREST) Destroy()                {}
func (r *accessReviewREST) NamespaceScoped() bool   { return false }
func (r *accessReviewREST) GetSingularName() string { return strings.ToLower(kindOf(r.New())) }

func (r *accessReviewREST) Create(ctx context.Context, object runtime.Object, _ rest.ValidateObjectFunc, _ *metav1.CreateOptions) (runtime.Object, error) {
	var spec authorizationv1.SubjectAccessReviewSpec
	var status *authorizationv1.SubjectAccessReviewStatus
	who, _ := request.UserFrom(ctx)
	switch o := object.(type) {
	case *authorizationv1.SelfSubjectAccessReview:
		spec.ResourceAttributes, spec.NonResourceAttributes = o.Spec.ResourceAttributes, o.Spec.NonResourceAttributes
		status = &o.Status
	case *authorizationv1.SubjectAccessReview:
		spec, status = o.Spec, &o.Status
		who = &user.DefaultInfo{Name: spec.User, UID: spec.UID, Groups: spec.Groups}
	}
	question := authorizer.AttributesRecord{User: who}
	if a := spec.ResourceAttributes; a != nil {
		question.ResourceRequest = true
		question.Verb, question.Namespace, question.Name = a.Verb, a.Namespace, a.Name
		question.APIGroup, question.APIVersion, question.Resource, question.Subresource = a.Group, a.Version, a.Resource, a.Subresource
	} else if a := spec.NonResourceAttributes; a != nil {
		question.Verb, question.Path = a.Verb, a.Path
	}
	decision, reason, err := r.authorizer.Authorize(ctx, question)
	status.Allowed, status.Reason = decision == authorizer.DecisionAllow, reason
	if err != nil {
		status.EvaluationError = err.Error()
	}
	return object, nil
}
