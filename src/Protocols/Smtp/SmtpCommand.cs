namespace Webmail.Protocols.Smtp;

/// <summary>What every command has: its verb and its grammar. The interface that it implements says in which state it may come.</summary>
internal interface ISmtpVerb<TSelf>
    where TSelf : ISmtpVerb<TSelf>
{
    static abstract string Verb { get; }

    /// <summary>Reads what follows the verb.</summary>
    /// <exception cref="SmtpSyntaxException">with the reply to send</exception>
    static abstract TSelf Parse(ref SmtpReader r);
}

/// <summary>A command that may come at any time.</summary>
internal interface IAnyTimeCommand<TSelf> : ISmtpVerb<TSelf>
    where TSelf : IAnyTimeCommand<TSelf>
{
    ValueTask<SmtpReply> RunAsync(SmtpSession session, CancellationToken ct);
}

/// <summary>A command that needs EHLO, HELO or LHLO first.</summary>
internal interface IGreetedCommand<TSelf> : ISmtpVerb<TSelf>
    where TSelf : IGreetedCommand<TSelf>
{
    ValueTask<SmtpReply> RunAsync(SmtpSession session, CancellationToken ct);
}

/// <summary>A command that needs MAIL first.</summary>
internal interface ITransactionCommand<TSelf> : ISmtpVerb<TSelf>
    where TSelf : ITransactionCommand<TSelf>
{
    ValueTask<SmtpReply> RunAsync(SmtpSession session, SmtpTransaction transaction, CancellationToken ct);
}
