package main

import (
	"encoding/json"
	"fmt"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	plugincel "k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/matchconditions"
	"k8s.io/apiserver/pkg/cel/environment"
)

// validator compiles a policy in the order and with the options of the API server's own plugin, which exports the parts
// and not the whole.
func (j *judge) validator(policy *admissionregistrationv1.ValidatingAdmissionPolicy) (validating.Validator, error) {
	if err := refuseUnjudged(policy); err != nil {
		return nil, err
	}
	key, err := json.Marshal(policy)
	if err != nil {
		return nil, err
	}
	if known, ok := j.validators[string(key)]; ok {
		return known, nil
	}
	compiled, err := compile(policy)
	if err != nil {
		return nil, err
	}
	j.validators[string(key)] = compiled
	return compiled, nil
}

// refuseUnjudged names what a policy may have and this program does not judge.
func refuseUnjudged(policy *admissionregistrationv1.ValidatingAdmissionPolicy) error {
	constraints := policy.Spec.MatchConstraints
	switch {
	case policy.Spec.ParamKind != nil:
		return fmt.Errorf("has a paramKind, which is not judged here")
	case len(constraints.ExcludeResourceRules) > 0:
		return fmt.Errorf("excludes resources, which is not judged here")
	case constraints.NamespaceSelector != nil && constraints.NamespaceSelector.Size() > 0,
		constraints.ObjectSelector != nil && constraints.ObjectSelector.Size() > 0:
		return fmt.Errorf("selects by labels, which is not judged here")
	}
	return nil
}

func compile(policy *admissionregistrationv1.ValidatingAdmissionPolicy) (validating.Validator, error) {
	declared := plugincel.OptionalVariableDeclarations{HasAuthorizer: true}
	inMessages := plugincel.OptionalVariableDeclarations{}
	mode := environment.StoredExpressions
	compiler, err := plugincel.NewCompositedCompiler(
		environment.MustBaseEnvSet(environment.DefaultCompatibilityVersion()))
	if err != nil {
		return nil, err
	}
	spec := policy.Spec
	for _, variable := range spec.Variables {
		named := &validating.Variable{Name: variable.Name, Expression: variable.Expression}
		if result := compiler.CompileAndStoreVariable(named, declared, mode); result.Error != nil {
			return nil, fmt.Errorf("variable %s: %v", variable.Name, result.Error)
		}
	}
	var conditions, validations, messages, annotations []plugincel.ExpressionAccessor
	for index := range spec.MatchConditions {
		conditions = append(conditions, (*matchconditions.MatchCondition)(&spec.MatchConditions[index]))
	}
	for _, one := range spec.Validations {
		validations = append(validations,
			&validating.ValidationCondition{Expression: one.Expression, Message: one.Message, Reason: one.Reason})
		var message plugincel.ExpressionAccessor
		if one.MessageExpression != "" {
			message = &validating.MessageExpressionCondition{MessageExpression: one.MessageExpression}
		}
		messages = append(messages, message)
	}
	for _, one := range spec.AuditAnnotations {
		annotations = append(annotations,
			&validating.AuditAnnotationCondition{Key: one.Key, ValueExpression: one.ValueExpression})
	}
	for _, one := range append(append(conditions, validations...), annotations...) {
		if result := compiler.CompileCELExpression(one, declared, mode); result.Error != nil {
			return nil, fmt.Errorf("expression %q: %v", one.GetExpression(), result.Error)
		}
	}
	var matcher matchconditions.Matcher
	if len(conditions) > 0 {
		matcher = matchconditions.NewMatcher(
			compiler.CompileCondition(conditions, declared, mode), spec.FailurePolicy, "policy", "validate", policy.Name)
	}
	return validating.NewValidator(
		compiler.CompileCondition(validations, declared, mode),
		matcher,
		compiler.CompileCondition(annotations, declared, mode),
		compiler.CompileCondition(messages, inMessages, mode),
		spec.FailurePolicy,
		nil,
	), nil
}
