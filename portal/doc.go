// Package portal holds the vocabulary and the rules of government
// information disclosure (政府信息公开): what an organ, a disclosure, a power
// item, a report and an application are, what may be done with them, and by
// whom. It does no I/O and imports nothing of ours but portal/clock, portal/text
// and portal/rules.
//
// Terms, as the Regulation on Open Government Information (Order 711, 2019)
// has them:
//
//	organ                行政机关
//	disclosure office    政府信息公开工作机构
//	document             政府信息
//	index number         索引号
//	document number      发文字号
//	catalogue            政府信息公开目录
//	guide                政府信息公开指南
//	power item           权责事项
//	annual report        政府信息公开工作年度报告
//	application          依申请公开的申请
//	correction           补正
//	extension            延期
//	outcome              办理结果
package portal
