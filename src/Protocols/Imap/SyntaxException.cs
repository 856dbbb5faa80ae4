namespace Webmail.Protocols.Imap;

/// <summary>
/// A client's words don't follow the grammar: BAD. The message is for the person who debugs the client; it never repeats what was sent.
/// </summary>
/// <param name="code">The response code that goes with it; null: none.</param>
internal sealed class SyntaxException(string message, Code? code = null) : Exception(message)
{
    public Code? Code { get; } = code;
}
