// Package cases is the area of applications for disclosure (依申请公开): receiving
// them, the statutory steps with their letters, third parties, fees, answers,
// work lists, figures, reminders, retention and the holidays that deadlines rest
// on. What it asks of a store stands in ports.go.
package cases
