using Microsoft.Extensions.Logging;

namespace Webmail.Protocols.Imap;

internal static partial class ImapLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "{Verb} failed on {Connection}")]
    public static partial void CommandFailed(this ILogger logger, Exception bug, string verb, string connection);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Account} logged in on {Connection} from {Address}")]
    public static partial void LoggedIn(this ILogger logger, MailCore.Model.EmailAddress account, string connection, System.Net.IPAddress address);

    [LoggerMessage(Level = LogLevel.Information, Message = "A login failed on {Connection} from {Address}")]
    public static partial void LoginFailed(this ILogger logger, string connection, System.Net.IPAddress address);
}
