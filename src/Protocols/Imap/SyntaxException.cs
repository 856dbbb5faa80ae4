namespace Webmail.Protocols.Imap;

/// <summary>
/// A client's words don't follow the grammar: BAD. The message is for the person who debugs the client; it never repeats what was sent.
/// </summary>
internal sealed class SyntaxException(string message) : Exception(message);
