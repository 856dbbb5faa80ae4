namespace Webmail.Protocols.Pop3;

/// <summary>The replies in Chinese. Numbers are {0}, {1} in the order of the English text.</summary>
internal static class Pop3Chinese
{
    public static readonly IReadOnlyDictionary<string, string> Words = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["Language changed"] = "语言已更改",
        ["Languages follow"] = "以下是可用的语言",
        ["There is no such language"] = "没有这种语言",
        ["Log in first"] = "请先登录",
        ["You are logged in already"] = "您已经登录",
        ["Logged in, {0} messages ({1} octets)"] = "登录成功，共 {0} 封邮件（{1} 字节）",
        ["Wrong name or password"] = "用户名或密码错误",
        ["Wrong name or app password (SCRAM takes app passwords, not the account's own password)"] = "用户名或应用专用密码错误（SCRAM 只接受应用专用密码，不接受账户密码）",
        ["The token is wrong, has run out, or isn't for this"] = "令牌错误、已过期或无权用于此处",
        ["This certificate is nobody's here"] = "此证书不属于本服务器的任何用户",
        ["Too many failed logins; try again later"] = "登录失败次数过多，请稍后再试",
        ["Logins only under TLS: use STLS first"] = "只能在 TLS 下登录：请先使用 STLS",
        ["Now PASS"] = "请发送 PASS",
        ["USER comes first"] = "请先发送 USER",
        ["Cancelled"] = "已取消",
        ["That isn't base64"] = "这不是 base64",
        ["Mechanisms follow"] = "以下是可用的机制",
        ["There is no such mechanism"] = "没有这种机制",
        ["Capabilities follow"] = "以下是服务器的功能",
        ["There is no such command"] = "没有这个命令",
        ["Too many arguments"] = "参数过多",
        ["The line is too long"] = "行太长",
        ["{0} messages ({1} octets)"] = "{0} 封邮件（{1} 字节）",
        ["{0} octets"] = "{0} 字节",
        ["Unique ids follow"] = "以下是唯一标识",
        ["The top follows"] = "以下是邮件的开头",
        ["No such message"] = "没有这封邮件",
        ["The message was removed by another session"] = "这封邮件已被另一会话删除",
        ["Marked for deletion at QUIT"] = "已标记，QUIT 时删除",
        ["Bye"] = "再见",
        ["Bye, {0} messages removed"] = "再见，已删除 {0} 封邮件",
        ["Begin TLS"] = "开始 TLS",
        ["TLS is on already"] = "TLS 已经开启",
        ["STLS comes before UTF8"] = "STLS 须在 UTF8 之前",
        ["UTF-8"] = "已启用 UTF-8",
        ["Too many errors, closing"] = "错误过多，连接关闭",
        ["The account was changed: log in again"] = "账户已更改：请重新登录",
        ["The server is stopping"] = "服务器正在停止",
        ["Nobody logged in for too long"] = "太久没有登录",
        ["Something went wrong here; try again later"] = "服务器出错，请稍后再试",
    };
}
