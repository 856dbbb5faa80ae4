using Webmail.Protocols.Pop3.Commands;

namespace Webmail.Protocols.Pop3;

/// <summary>
/// Every POP3 command with the state that it needs: the map of this folder. APOP is not here: it needs passwords that can be read, and MD5.
/// </summary>
internal static class Pop3Commands
{
    public static CommandTable All { get; } = new CommandTable()
        .AnyState<Capa>()
        .AnyState<Lang>()
        .AnyState<Quit>()
        .Authorization<Stls>()
        .Authorization<User>()
        .Authorization<Pass>()
        .Authorization<Auth>()
        .Authorization<Utf8>()
        .Transaction<Stat>()
        .Transaction<List>()
        .Transaction<Uidl>()
        .Transaction<Retr>()
        .Transaction<Top>()
        .Transaction<Dele>()
        .Transaction<Rset>()
        .Transaction<Noop>();
}
