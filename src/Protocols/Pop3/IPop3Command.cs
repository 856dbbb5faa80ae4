namespace Webmail.Protocols.Pop3;

/// <summary>A verb and what it adds to CAPA (null: nothing, in this state).</summary>
internal sealed record Verb(string Name)
{
    public Func<Pop3Session, string?>? Capability { get; init; }
}

/// <summary>A command: its verb, its pure grammar, and (by its kind) the state it needs. A command is one file and one line in <see cref="Pop3Commands"/>.</summary>
internal interface IPop3Command<out TSelf>
{
    static abstract Verb Verb { get; }

    /// <exception cref="Pop3SyntaxException">The line is not this command.</exception>
    static abstract TSelf Parse(ref Pop3Reader r);
}

internal interface IAnyStateCommand<out TSelf> : IPop3Command<TSelf>
{
    ValueTask<Pop3Reply> RunAsync(Pop3Session session, CancellationToken ct);
}

/// <summary>The AUTHORIZATION state (RFC 1939 section 4).</summary>
internal interface IAuthorizationCommand<out TSelf> : IPop3Command<TSelf>
{
    ValueTask<Pop3Reply> RunAsync(Pop3Session session, CancellationToken ct);
}

/// <summary>The TRANSACTION state (RFC 1939 section 5): there is a maildrop.</summary>
internal interface ITransactionCommand<out TSelf> : IPop3Command<TSelf>
{
    ValueTask<Pop3Reply> RunAsync(Maildrop drop, CancellationToken ct);
}
