using Webmail.Protocols.Wire;

namespace Webmail.Protocols.Imap;

/// <summary>The connection came to its end in the middle of a command: the loop says goodbye if there is anyone to say it to.</summary>
internal sealed class ConnectionEndedException(ReadStatus why) : Exception
{
    public ReadStatus Why { get; } = why;
}
