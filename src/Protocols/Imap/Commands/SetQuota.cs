using Webmail.MailCore.Model;
using Webmail.MailCore.Store;

namespace Webmail.Protocols.Imap.Commands;

/// <summary>SETQUOTA (RFC 9208 section 4.1.3), for administrators: the limits of an account that its address names, or of one's own. A resource that isn't named has no limit then.</summary>
/// <param name="IsKnown">False: a resource was named that has no limits here.</param>
internal sealed record SetQuota(string Root, QuotaLimits Limits, bool IsKnown) : IAuthenticatedCommand<SetQuota>
{
    public static Verb Verb { get; } = new("SETQUOTA") { Capability = "QUOTASET" };

    public static SetQuota Parse(ref ImapReader r)
    {
        r.Space();
        var root = r.AString();
        r.Space();
        r.Open();
        var limits = default(QuotaLimits);
        var known = true;
        for (var n = 0; !r.NextIs(')'); n++)
        {
            if (n > 0)
                r.Space();
            known &= TakeLimit(ref r, ref limits);
        }

        r.Close();
        r.End();
        return new(root, limits, known);
    }

    /// <summary>STORAGE is in units of 1024 octets (RFC 9208 section 5.1). False: there is no such resource.</summary>
    private static bool TakeLimit(ref ImapReader r, ref QuotaLimits limits)
    {
        bool isStorage = r.TakeName("STORAGE"u8), isMessage = !isStorage && r.TakeName("MESSAGE"u8);
        if (!isStorage && !isMessage)
            r.Atom();
        r.Space();
        var limit = r.Number64();
        if (isStorage)
            limits = limits with { Bytes = Math.Min(limit, long.MaxValue / 1024) * 1024 };
        if (isMessage)
            limits = limits with { Messages = limit };
        return isStorage || isMessage;
    }

    public async ValueTask<Reply> RunAsync(ImapSession session, AccountMail mail, CancellationToken ct)
    {
        var actor = mail.Principal;
        if (!actor.IsAdministrator)
            return Reply.No("Only administrators set quotas", Code.NoPerm);
        if (!IsKnown)
            return Reply.No("Only STORAGE and MESSAGE have limits here", Code.Cannot);
        var address = Root.Length == 0 ? actor.Address.ToString() : Root;
        await session.Server.Users.SetQuotaAsync(actor, address, _ => Limits, ct);
        if (await session.Server.Users.FindAsync(actor, address, ct) is { } user)
            GetQuota.Write(session.Out, Root, new(user.UsedBytes, user.QuotaBytes, user.Messages, user.MessageLimit));
        return Reply.Done;
    }
}
