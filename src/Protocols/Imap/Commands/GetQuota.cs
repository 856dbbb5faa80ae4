using Webmail.MailCore.Model;
using Webmail.MailCore.Store;

namespace Webmail.Protocols.Imap.Commands;

/// <summary>GETQUOTA (RFC 9208 section 4.1). An account has one quota root, which its user names by the empty string and an administrator by the account's address.</summary>
internal sealed record GetQuota(string Root) : IAuthenticatedCommand<GetQuota>
{
    public static Verb Verb { get; } = new("GETQUOTA") { Capability = "QUOTA QUOTA=RES-STORAGE QUOTA=RES-MESSAGE" };

    public static GetQuota Parse(ref ImapReader r)
    {
        r.Space();
        var root = r.AString();
        r.End();
        return new(root);
    }

    public async ValueTask<Reply> RunAsync(ImapSession session, AccountMail mail, CancellationToken ct)
    {
        if (Root.Length == 0)
            Write(session.Out, Root, await mail.Mailboxes.QuotaAsync(ct));
        else if (mail.Principal.IsAdministrator && await session.Server.Users.FindAsync(mail.Principal, Root, ct) is { } user)
            Write(session.Out, Root, new(user.UsedBytes, user.QuotaBytes, user.Messages, user.MessageLimit));
        else
            return Reply.No("There is no such quota root", Code.NonExistent);
        return Reply.Done;
    }

    /// <summary>What has a limit. STORAGE counts units of 1024 octets, MESSAGE messages (RFC 9208 sections 5.1 and 5.2).</summary>
    public static void Write(ImapWriter writer, string root, QuotaInfo quota)
    {
        writer.Write($"* QUOTA {new Quoted(root)} (");
        if (quota.LimitBytes is { } bytes)
            writer.Write($"STORAGE {(quota.UsedBytes + 1023) / 1024} {bytes / 1024}");
        if (quota is { LimitBytes: not null, MessageLimit: not null })
            writer.Raw(" "u8);
        if (quota.MessageLimit is { } messages)
            writer.Write($"MESSAGE {quota.Messages} {messages}");
        writer.Line($")");
    }
}

/// <summary>GETQUOTAROOT (RFC 9208 section 4.1.2): of a mailbox that isn't there too. How full another's account is is not this client's business: its mailboxes have no root here.</summary>
internal sealed record GetQuotaRoot(MailboxName Name) : IAuthenticatedCommand<GetQuotaRoot>
{
    public static Verb Verb { get; } = new("GETQUOTAROOT");

    public static GetQuotaRoot Parse(ref ImapReader r)
    {
        r.Space();
        var name = r.Mailbox();
        r.End();
        return new(name);
    }

    public async ValueTask<Reply> RunAsync(ImapSession session, AccountMail mail, CancellationToken ct)
    {
        if (OthersName.IsInside(Name))
        {
            session.Out.Line($"* QUOTAROOT {Name}");
            return Reply.Done;
        }

        session.Out.Line($"* QUOTAROOT {Name} \"\"");
        GetQuota.Write(session.Out, "", await mail.Mailboxes.QuotaAsync(ct));
        return Reply.Done;
    }
}
