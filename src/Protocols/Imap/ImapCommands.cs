using Webmail.Protocols.Imap.Commands;

namespace Webmail.Protocols.Imap;

/// <summary>
/// Every command with the state it needs. Capabilities follow from here: <see cref="Verb.Capability"/>. To add a command, write its file in Commands/ and its line here.
/// </summary>
internal static class ImapCommands
{
    public static readonly CommandTable Table = new CommandTable()
        .AnyState<Capability>()
        .AnyState<Noop>()
        .AnyState<Logout>()
        .AnyState<Id>()
        .Anonymous<StartTls>()
        .Anonymous<Authenticate>()
        .Anonymous<Login>()
        .Authenticated<Enable>()
        .Authenticated<Unauthenticate>()
        .Authenticated<Compress>()
        .Authenticated<Select>()
        .Authenticated<Examine>()
        .Authenticated<Create>()
        .Authenticated<Delete>()
        .Authenticated<Rename>()
        .Authenticated<Subscribe>()
        .Authenticated<Unsubscribe>()
        .Authenticated<Commands.List>()
        .Authenticated<Lsub>()
        .Authenticated<Namespace>()
        .Authenticated<Commands.Status>()
        .Authenticated<Append>()
        .Authenticated<Idle>()
        .Authenticated<Commands.Notify>()
        .Authenticated<SetAcl>()
        .Authenticated<DeleteAcl>()
        .Authenticated<GetAcl>()
        .Authenticated<ListRights>()
        .Authenticated<MyRights>()
        .Authenticated<Esearch>()
        .Authenticated<GetMetadata>()
        .Authenticated<SetMetadata>()
        .Authenticated<GetQuota>()
        .Authenticated<GetQuotaRoot>()
        .Selected<Check>()
        .Selected<Close>()
        .Selected<Unselect>()
        .Selected<Expunge>()
        .Selected<Commands.Search>()
        .Selected<CancelUpdate>()
        .Selected<Sort>()
        .Selected<Commands.Thread>()
        .Selected<Commands.Fetch>()
        .Selected<Store>()
        .Selected<Copy>()
        .Selected<Move>()
        .Selected<Replace>()
        .Selected<UidBatches>();
}
