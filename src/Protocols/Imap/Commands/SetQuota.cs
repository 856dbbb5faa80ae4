using Webmail.MailCore.Model;
using Webmail.MailCore.Store;

namespace Webmail.Protocols.Imap.Commands;

/// <summary>SETQUOTA (RFC 9208 section 4.1.3), for administrators: the limit of an account that its address names, or of one's own.</summary>
/// <param name="Storage">In units of 1024 octets; null: no limit.</param>
/// <param name="IsKnown">False: a resource was named that has no limits here.</param>
internal sealed record SetQuota(string Root, long? Storage, bool IsKnown) : IAuthenticatedCommand<SetQuota>
{
    public static Verb Verb { get; } = new("SETQUOTA") { Capability = "QUOTASET" };

    public static SetQuota Parse(ref ImapReader r)
    {
        r.Space();
        var root = r.AString();
        r.Space();
        r.Open();
        long? storage = null;
        var known = true;
        for (var n = 0; !r.NextIs(')'); n++)
        {
            if (n > 0)
                r.Space();
            var isStorage = r.TakeName("STORAGE"u8);
            if (!isStorage)
                r.Atom();
            r.Space();
            var limit = r.Number64();
            storage = isStorage ? limit : storage;
            known &= isStorage;
        }

        r.Close();
        r.End();
        return new(root, storage, known);
    }

    public async ValueTask<Reply> RunAsync(ImapSession session, AccountMail mail, CancellationToken ct)
    {
        var actor = mail.Principal;
        if (!actor.IsAdministrator)
            return Reply.No("Only administrators set quotas", Code.NoPerm);
        if (!IsKnown)
            return Reply.No("Only STORAGE has limits here", Code.Cannot);
        var address = Root.Length == 0 ? actor.Address.ToString() : Root;
        await session.Server.Users.SetQuotaAsync(actor, address, Storage is { } units ? Math.Min(units, long.MaxValue / 1024) * 1024 : null, ct);
        if (await session.Server.Users.FindAsync(actor, address, ct) is { } user)
            GetQuota.Write(session.Out, Root, new(user.UsedBytes, user.QuotaBytes, user.Messages));
        return Reply.Done;
    }
}
