// Package reports is the area of annual reports (政府信息公开工作年度报告).
package reports
