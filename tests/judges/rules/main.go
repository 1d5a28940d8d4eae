// What Prometheus makes of rules and of queries: the metrics that each names, with the labels that it names of them.
//
// In comes {"file": "the text of a rule file", "queries": [...]}; out comes one line of JSON for each expression, those of
// the file first.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
)

type named struct {
	Query string `json:"query"`
	// Metrics, with the labels that are selected by.
	Metrics map[string][]string `json:"metrics"`
	// Labels that are grouped by or joined on.
	Labels []string `json:"labels"`
}

func main() {
	if err := answer(); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func answer() error {
	var asked struct {
		File    string
		Queries []string
	}
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		return err
	}
	grammar := parser.NewParser(parser.Options{})
	groups, errs := rulefmt.Parse([]byte(asked.File), false, model.UTF8Validation, grammar, slog.New(slog.DiscardHandler))
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	var queries []string
	for _, group := range groups.Groups {
		for _, rule := range group.Rules {
			queries = append(queries, rule.Expr)
		}
	}
	answers := []named{}
	for _, query := range append(queries, asked.Queries...) {
		expression, err := grammar.ParseExpr(query)
		if err != nil {
			return fmt.Errorf("%s: %w", query, err)
		}
		answers = append(answers, look(query, expression))
	}
	return json.NewEncoder(os.Stdout).Encode(answers)
}

func look(query string, expression parser.Expr) named {
	metrics, grouped := map[string][]string{}, map[string]bool{}
	parser.Inspect(expression, func(node parser.Node, _ []parser.Node) error {
		switch node := node.(type) {
		case *parser.VectorSelector:
			selected := metrics[node.Name]
			for _, matcher := range node.LabelMatchers {
				if matcher.Name != labels.MetricName {
					selected = append(selected, matcher.Name)
				}
			}
			metrics[node.Name] = append([]string{}, selected...)
		case *parser.AggregateExpr:
			for _, label := range node.Grouping {
				grouped[label] = true
			}
		case *parser.BinaryExpr:
			if node.VectorMatching != nil {
				for _, label := range append(node.VectorMatching.MatchingLabels, node.VectorMatching.Include...) {
					grouped[label] = true
				}
			}
		}
		return nil
	})
	return named{query, metrics, slices.Sorted(maps.Keys(grouped))}
}
